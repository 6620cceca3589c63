import { defineCommand, defineModule } from '@waymark/contract'
import { z } from 'zod'

/** Where the server keeps backups, from its working directory. */
export const BACKUP_FOLDER = '.waymark/backups'

const BackupName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'Expected 1 to 100 letters, digits, dots, dashes and underscores')
  .refine((name) => !name.endsWith('.partial'), 'Expected a name that does not end with .partial')

export const BackupContract = defineCommand({
  meta: {
    key: 'server.database.backup',
    version: '1.0.0',
    stability: 'beta',
    owners: ['waymark'],
    tags: ['server', 'database'],
    description: 'Copy the SQLite database into a file on the machine of the server, while it goes on serving.',
    goal: 'Have a whole copy to restore from, without stopping.',
    context: 'Called by operators, by the CLI and by schedulers. Everything acknowledged before the call is in the copy.',
    examples: [
      {
        title: 'A copy before an update.',
        input: { name: 'before-update.db' },
        output: {
          file: '.waymark/backups/before-update.db',
          bytes: 569_344,
          sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
          durationMs: 21,
        },
      },
      { title: 'A backup is never replaced.', input: { name: 'before-update.db' }, error: 'BACKUP_EXISTS' },
    ],
  },
  io: {
    input: z.object({
      name: BackupName.optional().describe(`Name of the file in ${BACKUP_FOLDER}; made from the time when absent.`),
    }),
    output: z.object({
      file: z.string().describe('Path of the copy, from the working directory of the server.'),
      bytes: z.int().min(1),
      sha256: z.string().describe('In hex.'),
      durationMs: z.int().min(0),
    }),
    errors: {
      BACKUP_UNSUPPORTED: {
        description: 'This database is not backed up by the server',
        http: 409,
        gqlCode: 'BACKUP_UNSUPPORTED',
        when: 'The database is PostgreSQL, which has tools of its own, or is kept in memory',
      },
      BACKUP_EXISTS: {
        description: 'There is a backup of this name',
        http: 409,
        gqlCode: 'BACKUP_EXISTS',
        when: 'The name was used before; a backup is never replaced',
      },
      BACKUP_RUNNING: {
        description: 'A backup is being made',
        http: 409,
        gqlCode: 'BACKUP_RUNNING',
        when: 'Another call is still copying',
      },
      BACKUP_FAILED: {
        description: 'The copy could not be made',
        http: 500,
        gqlCode: 'BACKUP_FAILED',
        when: 'A disk is full or failed, or the copy was found damaged; nothing is left of it',
      },
    },
  },
  policy: { auth: 'service' },
})

/** What can be asked of the server itself. */
export const ServerModule = defineModule({
  key: 'server',
  contracts: [BackupContract],
  tags: { server: 'What the server does for those who run it.', database: 'What is stored, as a whole.' },
})
