import { crashSuite } from './crash-suite.ts'
import { openSqliteDatabase } from './fault-database.ts'

crashSuite('sqlite', openSqliteDatabase)
