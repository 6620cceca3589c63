/** What the command's exit code means. Scripts switch on them, so they never change. */
export const EXIT_CODES = {
  ok: { code: 0, means: 'done' },
  failure: { code: 1, means: 'failed for another reason; the message says which' },
  usage: { code: 2, means: 'wrong command, option or setting' },
  validation: { code: 3, means: 'the input, a module or a track is not valid' },
  auth: { code: 4, means: 'no credential, or one that does not admit the call' },
  notFound: { code: 5, means: 'there is no such track, step, event or learner' },
  conflict: { code: 6, means: 'contradicts what is there: a taken port, a database in use, an existing file' },
  unreachable: { code: 7, means: 'the server does not answer; trying again may help' },
  partial: { code: 8, means: 'some of many were not done' },
  interrupted: { code: 130, means: 'interrupted' },
} as const

export type ExitName = keyof typeof EXIT_CODES
