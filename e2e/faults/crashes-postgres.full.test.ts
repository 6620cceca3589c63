import { crashSuite } from './crash-suite.ts'
import { openPostgresDatabase } from './fault-database.ts'

crashSuite('postgres', openPostgresDatabase)
