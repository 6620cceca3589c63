/** Calls about people. With those of the other files they tell one story, in which each answers what it says. */
export const PEOPLE_EXAMPLES = {
  identify: [
    {
      title: 'What the product knows of a person.',
      input: { learnerId: 'ada', traits: { role: 'sales', timezone: 'Europe/Berlin' } },
      output: { success: true, eventId: '0198c0de-0000-7000-8000-000000000004', duplicate: false },
    },
  ],
  group: [
    {
      title: 'A person becomes a member.',
      input: { learnerId: 'ada', accountId: 'acme', traits: { plan: 'team' } },
      output: { success: true, eventId: '0198c0de-0000-7000-8000-000000000005', duplicate: false },
    },
  ],
  merge: [
    {
      title: 'What was done before signing in becomes hers.',
      input: { learnerId: 'ada', anonymousId: 'anon-7' },
      output: { success: true, merged: true },
    },
  ],
  exportLearner: [{ title: 'Everything that is kept of a person.', input: { learnerId: 'ada' } }],
  eraseLearner: [
    {
      title: 'A person is forgotten.',
      input: { learnerId: 'ada', reason: 'She asked for it.' },
      output: {
        success: true,
        erasedAt: '2026-03-02T09:01:17.000Z',
        reason: 'She asked for it.',
        erased: { entries: 13, facts: 12, enrolments: 3, memberships: 1, merges: 1, rejected: 1 },
      },
    },
  ],
} as const
