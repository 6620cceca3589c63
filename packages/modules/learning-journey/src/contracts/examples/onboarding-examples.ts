/** Calls that record events and show what came of them. With those of the other files they tell one story, in which each answers what it says. */
export const ONBOARDING_EXAMPLES = {
  recordEvent: [
    {
      title: 'A pipeline is created, which a step waits for.',
      input: {
        learnerId: 'ada',
        eventName: 'pipeline.created',
        eventId: 'evt-1',
        eventPayload: { pipelineId: 'p-1', name: 'Sales' },
      },
      output: {
        success: true,
        eventId: 'evt-1',
        duplicate: false,
        xpEarned: 10,
        outcomes: [
          {
            trackId: 'first-win',
            stepId: 'create-pipeline',
            verdict: 'completed',
            reason: null,
            detail: {
              node: 'event',
              event: 'pipeline.created',
              met: true,
              expected: 1,
              actual: 1,
              distinctBy: null,
              sumOf: null,
              until: null,
              sliding: null,
              checks: [{ check: 'version', met: true, operator: 'eq', expected: '1', actual: '1.0.0', from: '/eventVersion' }],
            },
          },
        ],
      },
    },
    {
      title: 'The same event comes again: nothing counts twice.',
      input: {
        learnerId: 'ada',
        eventName: 'pipeline.created',
        eventId: 'evt-1',
        eventPayload: { pipelineId: 'p-1', name: 'Sales' },
      },
      output: {
        success: true,
        eventId: 'evt-1',
        duplicate: true,
        xpEarned: 0,
        outcomes: [
          {
            trackId: 'first-win',
            stepId: 'create-pipeline',
            verdict: 'unchanged',
            reason: 'already_done',
            detail: {
              node: 'event',
              event: 'pipeline.created',
              met: true,
              expected: 1,
              actual: 1,
              distinctBy: null,
              sumOf: null,
              until: null,
              sliding: null,
              checks: [{ check: 'version', met: true, operator: 'eq', expected: '1', actual: '1.0.0', from: '/eventVersion' }],
            },
          },
        ],
      },
    },
    {
      title: 'The track is misspelt.',
      input: {
        learnerId: 'ada',
        eventName: 'pipeline.created',
        eventId: 'evt-2',
        trackId: 'frist-win',
        eventPayload: { pipelineId: 'p-1' },
      },
      error: 'TRACK_NOT_FOUND',
    },
  ],
  ingest: [
    {
      title: 'A batch in which one event is good, one unknown and one not what its contract says.',
      input: {
        events: [
          { learnerId: 'ada', eventName: 'contact.created', eventId: 'evt-3', eventPayload: { contactId: 'c-1' } },
          { learnerId: 'ada', eventName: 'report.opened', eventId: 'evt-4', eventPayload: { reportId: 'r-1' } },
          { learnerId: 'ada', eventName: 'deal.won', eventId: 'evt-5', eventPayload: { dealId: 'd-1' } },
        ],
      },
      output: {
        success: true,
        results: [
          { index: 0, eventId: 'evt-3', status: 'recorded' },
          {
            index: 1,
            eventId: 'evt-4',
            status: 'unknown',
            problem: {
              code: 'EVENT_UNKNOWN',
              detail: 'No module declares the event report.opened, and no mapping leads to one.',
            },
          },
          {
            index: 2,
            eventId: 'evt-5',
            status: 'invalid',
            problem: {
              code: 'VALIDATION_FAILED',
              detail: '/eventPayload/amount: Invalid input: expected number, received undefined',
              errors: [
                {
                  pointer: '/eventPayload/amount',
                  message: 'Invalid input: expected number, received undefined',
                  expected: 'number',
                  received: 'nothing',
                },
              ],
            },
          },
        ],
      },
    },
  ],
  listRejected: [
    {
      title: 'The event that was refused.',
      input: { limit: 1 },
      output: {
        items: [
          {
            id: '0198c0de-0000-7000-8000-000000000001',
            receivedAt: '2026-03-02T09:00:14.000Z',
            channel: 'rest',
            eventId: 'evt-5',
            eventName: 'deal.won',
            problem: {
              code: 'VALIDATION_FAILED',
              detail: '/eventPayload/amount: Invalid input: expected number, received undefined',
              errors: [
                {
                  pointer: '/eventPayload/amount',
                  message: 'Invalid input: expected number, received undefined',
                  expected: 'number',
                  received: 'nothing',
                },
              ],
            },
            event: { learnerId: 'ada', eventName: 'deal.won', eventId: 'evt-5', eventPayload: { dealId: 'd-1' } },
          },
        ],
        nextCursor: null,
      },
    },
  ],
  redriveRejected: [
    {
      title: 'An id that is no rejected event.',
      input: { ids: ['rejected-1'] },
      output: { success: true, results: [{ id: 'rejected-1', eventId: null, status: 'not_found' }] },
    },
  ],
  listUnknownEvents: [{ title: 'The events that have no contract yet.', input: {} }],
  listTracks: [{ title: 'All tracks, with German titles where there are some.', input: { locale: 'de' } }],
  getProgress: [
    { title: 'One track of a learner.', input: { learnerId: 'ada', trackId: 'first-win' } },
    { title: 'A track that is not there.', input: { learnerId: 'ada', trackId: 'last-win' }, error: 'TRACK_NOT_FOUND' },
  ],
  explain: [
    {
      title: 'Why a step is not done.',
      input: { learnerId: 'ada', trackId: 'first-win', stepId: 'call-customer' },
      output: {
        event: null,
        outcomes: [],
        steps: [
          {
            trackId: 'first-win',
            stepId: 'call-customer',
            status: 'open',
            standing: false,
            detail: {
              node: 'all',
              met: false,
              correlate: null,
              group: null,
              parts: [
                { node: 'after', met: true, any: false, steps: [{ stepId: 'add-contact', met: true }] },
                {
                  node: 'event',
                  event: 'task.completed',
                  met: false,
                  expected: 1,
                  actual: 0,
                  distinctBy: null,
                  sumOf: null,
                  until: null,
                  sliding: null,
                  checks: [],
                },
              ],
            },
            missing: [
              { kind: 'event', event: 'task.completed', more: 1, distinctBy: null, sumOf: null, until: null, sliding: null },
            ],
            nearMisses: [],
          },
        ],
        tracks: [
          {
            trackId: 'first-win',
            version: '1.0.0',
            subject: 'learner',
            status: 'active',
            enrolment: 'onFirstMatch',
            startedAt: '2026-03-02T09:00:07.000Z',
            endedAt: null,
            paused: false,
            heldOut: false,
            audience: [],
            after: null,
          },
        ],
      },
    },
  ],
  simulate: [
    {
      title: 'What a call would do.',
      input: {
        learnerId: 'ada',
        trackId: 'first-win',
        events: [{ eventName: 'task.completed', eventPayload: { taskId: 't-1', kind: 'call' } }],
      },
    },
  ],
  enroll: [
    {
      title: 'A run begins now.',
      input: { learnerId: 'ada', trackId: 'second-week' },
      output: { success: true, enrolled: true, reason: null, startedAt: '2026-03-02T09:00:35.000Z', run: 0, xpEarned: 0 },
    },
    {
      title: 'The track starts its runs from events.',
      input: { learnerId: 'ada', trackId: 'first-win' },
      error: 'ENROLMENT_NOT_EXPLICIT',
    },
  ],
  enrollMany: [
    {
      title: 'Two people at once; one of them has a run already.',
      input: { trackId: 'second-week', learnerIds: ['ada', 'bo'] },
      output: {
        success: true,
        enrolled: 1,
        results: [
          { learnerId: 'ada', status: 'already_enrolled', startedAt: '2026-03-02T09:00:35.000Z' },
          { learnerId: 'bo', status: 'enrolled', startedAt: '2026-03-02T09:00:42.000Z' },
        ],
      },
    },
  ],
  watchFacts: [{ title: 'What a learner achieves, from now on.', input: { learnerId: 'ada' } }],
} as const
