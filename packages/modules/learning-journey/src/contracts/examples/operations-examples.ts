/** Calls that change runs by hand. With those of the other files they tell one story, in which each answers what it says. */
export const OPERATIONS_EXAMPLES = {
  skipStep: [
    {
      title: 'A step that may be skipped.',
      input: { learnerId: 'ada', trackId: 'second-week', stepId: 'move-deal' },
      output: { success: true, changed: true, trackStatus: 'active', run: 0, percent: 50, xpEarned: 0, stepStatus: 'skipped' },
    },
    {
      title: 'A step that may not.',
      input: { learnerId: 'ada', trackId: 'second-week', stepId: 'call-twice' },
      error: 'STEP_NOT_SKIPPABLE',
    },
  ],
  waiveStep: [
    {
      title: 'A step that somebody need not do.',
      input: { learnerId: 'bo', trackId: 'second-week', stepId: 'call-twice', reason: 'Works in support.' },
      output: { success: true, changed: true, trackStatus: 'active', run: 0, percent: 50, xpEarned: 0, stepStatus: 'waived' },
    },
  ],
  revoke: [
    {
      title: 'A step that was completed by mistake.',
      input: { learnerId: 'ada', trackId: 'first-win', stepId: 'create-pipeline', reason: 'It was a test.' },
      output: { success: true, changed: true, trackStatus: 'active', run: 0, percent: 16, xpEarned: 0, stepStatus: 'open' },
    },
  ],
  exit: [
    {
      title: 'The open run ends.',
      input: { learnerId: 'bo', trackId: 'second-week', reason: 'Left the team.' },
      output: { success: true, changed: true, trackStatus: 'exited', run: 0, percent: 50, xpEarned: 0 },
    },
    { title: 'Nobody can end what never began.', input: { learnerId: 'cleo', trackId: 'second-week' }, error: 'NOT_ENROLLED' },
  ],
  reset: [
    {
      title: 'The track starts over.',
      input: { learnerId: 'ada', trackId: 'second-week', reason: 'New role.' },
      output: { success: true, changed: true, trackStatus: 'active', run: 1, percent: 0, xpEarned: 0 },
    },
  ],
  dismiss: [
    {
      title: 'A checklist is put away.',
      input: { learnerId: 'ada', trackId: 'first-win' },
      output: { success: true, changed: true, dismissed: true, snoozedUntil: null },
    },
    {
      title: 'It is shown again.',
      input: { learnerId: 'ada', trackId: 'first-win', undo: true },
      output: { success: true, changed: true, dismissed: false, snoozedUntil: null },
    },
  ],
  snooze: [
    {
      title: 'A checklist is hidden for some days.',
      input: { learnerId: 'ada', trackId: 'first-win', until: '2099-01-01T09:00:00.000Z' },
      output: { success: true, changed: true, dismissed: false, snoozedUntil: '2099-01-01T09:00:00.000Z' },
    },
  ],
} as const
