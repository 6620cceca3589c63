/** Calls of operators. With those of the other files they tell one story, in which each answers what it says. */
export const OPERATORS_EXAMPLES = {
  listEvents: [
    {
      title: 'The last thing that was recorded of a learner under a name.',
      input: { learnerId: 'ada', eventName: 'contact.created', limit: 1 },
      output: {
        items: [
          {
            learnerId: 'ada',
            accountId: null,
            actorId: null,
            eventId: 'evt-3',
            sourceModule: null,
            kind: 'event',
            eventName: 'contact.created',
            eventVersion: '1.0.0',
            inAccount: null,
            trackId: null,
            channel: 'rest',
            occurredAt: '2026-03-02T09:00:14.000Z',
            receivedAt: '2026-03-02T09:00:14.000Z',
            claimedAt: null,
            eventPayload: { contactId: 'c-1' },
          },
        ],
        nextCursor: null,
      },
    },
  ],
  listLearners: [
    {
      title: 'People whose id starts with a text.',
      input: { prefix: 'b' },
      output: {
        items: [
          {
            learnerId: 'bo',
            accountId: null,
            enrolments: [
              {
                learnerId: 'bo',
                accountId: null,
                trackId: 'second-week',
                run: 0,
                version: '1.0.0',
                status: 'exited',
                startedAt: '2026-03-02T09:00:42.000Z',
                completedAt: null,
                endedAt: '2026-03-02T09:00:49.000Z',
                percent: 50,
                openStep: null,
                holdout: false,
              },
            ],
          },
        ],
        nextCursor: null,
      },
    },
  ],
  listFacts: [
    {
      title: 'The first fact of a learner.',
      input: { learnerId: 'ada', first: 'oldest', limit: 1 },
      output: {
        items: [
          {
            position: 1,
            factId: 'vfSCGBEhH1psEgT3F-4Ib7',
            learnerId: 'ada',
            accountId: null,
            name: 'learning.onboarding.enrolled',
            trackId: 'first-win',
            run: 0,
            stepId: null,
            occurredAt: '2026-03-02T09:00:07.000Z',
            cause: { eventId: 'evt-1', sourceModule: null },
            backfilled: false,
            holdout: false,
            data: { trackId: 'first-win', run: 0 },
          },
        ],
        nextCursor: '%5B1%5D',
      },
    },
  ],
  listEnrolments: [
    {
      title: 'Who is in a track now.',
      input: { trackId: 'second-week', status: 'active' },
      output: {
        items: [
          {
            learnerId: 'ada',
            accountId: null,
            trackId: 'second-week',
            run: 1,
            version: '1.0.0',
            status: 'active',
            startedAt: '2026-03-02T09:00:56.000Z',
            completedAt: null,
            endedAt: null,
            percent: 0,
            openStep: 'call-twice',
            holdout: false,
          },
        ],
        nextCursor: null,
      },
    },
  ],
  funnel: [
    {
      title: 'Where people stop.',
      input: { trackId: 'second-week' },
      output: {
        trackId: 'second-week',
        groups: [
          {
            holdout: false,
            enrolled: 3,
            completed: 0,
            missed: 0,
            exited: 2,
            steps: [
              { stepId: 'call-twice', completed: 0, skipped: 0, waived: 1, missed: 0, share: 0.3333333333333333 },
              { stepId: 'move-deal', completed: 0, skipped: 1, waived: 0, missed: 0, share: 0.3333333333333333 },
            ],
          },
        ],
      },
    },
  ],
  timeToValue: [
    {
      title: 'How long it takes people.',
      input: { trackId: 'second-week' },
      output: {
        trackId: 'second-week',
        groups: [
          {
            holdout: false,
            track: { count: 0, medianSeconds: null, p25Seconds: null, p75Seconds: null, p90Seconds: null },
            steps: [
              { count: 0, medianSeconds: null, p25Seconds: null, p75Seconds: null, p90Seconds: null, stepId: 'call-twice' },
              { count: 0, medianSeconds: null, p25Seconds: null, p75Seconds: null, p90Seconds: null, stepId: 'move-deal' },
            ],
          },
        ],
      },
    },
  ],
} as const
