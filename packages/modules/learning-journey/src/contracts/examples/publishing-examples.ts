const SECOND_WEEK = {
  format: 'waymark.track/1',
  key: 'second-week',
  version: '1.0.0',
  title: { en: 'Your second week' },
  enrol: { mode: 'explicit' },
  steps: [
    {
      key: 'call-twice',
      title: { en: 'Call two customers' },
      complete: { event: 'task.completed', where: { '/kind': 'call' }, atLeast: 2 },
      reward: { xp: 20 },
    },
    {
      key: 'move-deal',
      title: { en: 'Move a deal forward' },
      skippable: true,
      complete: { event: 'deal.moved' },
      reward: { xp: 10 },
    },
  ],
} as const

const WITH_A_THIRD_STEP = {
  ...SECOND_WEEK,
  version: '1.1.0',
  steps: [
    ...SECOND_WEEK.steps,
    { key: 'win-deal', title: { en: 'Win a deal' }, complete: { event: 'deal.won' }, reward: { xp: 30 } },
  ],
} as const

/** Calls that publish tracks. With those of the other files they tell one story, in which each answers what it says. */
export const PUBLISHING_EXAMPLES = {
  publishTrack: [
    {
      title: 'A track that starts when somebody is enrolled.',
      input: {
        definition: SECOND_WEEK,
      },
      output: {
        success: true,
        trackId: 'second-week',
        version: '1.0.0',
        policy: 'carry',
        published: true,
        findings: [
          {
            severity: 'info',
            code: 'ORDER_FREE',
            pointer: '',
            message: 'Order-free: what is shown never depends on the order in which events arrive.',
          },
        ],
        jobId: '0198c0de-0000-7000-8000-000000000002',
      },
    },
    {
      title: 'A third step, and everybody keeps what they completed.',
      input: {
        definition: WITH_A_THIRD_STEP,
        policy: 'carry',
      },
      output: {
        success: true,
        trackId: 'second-week',
        version: '1.1.0',
        policy: 'carry',
        published: true,
        findings: [
          {
            severity: 'info',
            code: 'ORDER_FREE',
            pointer: '',
            message: 'Order-free: what is shown never depends on the order in which events arrive.',
          },
        ],
        jobId: '0198c0de-0000-7000-8000-000000000007',
      },
    },
  ],
  rollbackTrack: [
    {
      title: 'The version before is served again.',
      input: { trackId: 'second-week', version: '1.0.0' },
      output: {
        success: true,
        trackId: 'second-week',
        version: '1.0.0',
        policy: 'carry',
        published: true,
        findings: [],
        jobId: '0198c0de-0000-7000-8000-000000000008',
      },
    },
  ],
  setTrackStatus: [
    {
      title: 'A track is paused.',
      input: { trackId: 'second-week', status: 'paused' },
      output: { success: true, trackId: 'second-week', version: '1.0.0', status: 'paused', changed: true, jobId: null },
    },
    {
      title: 'It goes on.',
      input: { trackId: 'second-week', status: 'active' },
      output: {
        success: true,
        trackId: 'second-week',
        version: '1.0.0',
        status: 'active',
        changed: true,
        jobId: '0198c0de-0000-7000-8000-000000000006',
      },
    },
  ],
  listTrackVersions: [
    {
      title: 'What is served, and what was.',
      input: {},
      output: {
        items: [
          {
            trackId: 'first-win',
            status: 'active',
            version: '1.0.0',
            policy: 'carry',
            served: true,
            versions: [{ version: '1.0.0', publishedAt: '2026-03-02T09:00:00.000Z' }],
          },
          {
            trackId: 'second-week',
            status: 'active',
            version: '1.0.0',
            policy: 'carry',
            served: true,
            versions: [
              { version: '1.0.0', publishedAt: '2026-03-02T09:01:10.000Z' },
              { version: '1.1.0', publishedAt: '2026-03-02T09:01:03.000Z' },
            ],
          },
        ],
        nextCursor: null,
      },
    },
  ],
  backfillTrack: [
    {
      title: 'Everybody is computed anew.',
      input: { trackId: 'second-week' },
      output: { success: true, trackId: 'second-week', version: '1.0.0', jobId: '0198c0de-0000-7000-8000-000000000009' },
    },
  ],
  dryRunTrack: [
    {
      title: 'What a third step would do, looked at for everybody.',
      input: {
        definition: WITH_A_THIRD_STEP,
      },
      output: {
        success: true,
        trackId: 'second-week',
        version: '1.1.0',
        jobId: '0198c0de-0000-7000-8000-000000000003',
        findings: [
          {
            severity: 'info',
            code: 'ORDER_FREE',
            pointer: '',
            message: 'Order-free: what is shown never depends on the order in which events arrive.',
          },
        ],
      },
    },
  ],
  getJob: [
    {
      title: 'How far the backfill of the version is.',
      input: { jobId: '0198c0de-0000-7000-8000-000000000002' },
      output: {
        jobId: '0198c0de-0000-7000-8000-000000000002',
        kind: 'backfill',
        trackId: 'second-week',
        version: '1.0.0',
        status: 'done',
        done: 1,
        total: 1,
        facts: 0,
        failed: 0,
        perSecond: 500,
        secondsLeft: null,
        startedAt: '2026-03-02T09:00:21.000Z',
        updatedAt: '2026-03-02T09:00:28.000Z',
        report: null,
      },
    },
  ],
  listJobs: [{ title: 'The jobs of a track.', input: { trackId: 'second-week' } }],
  cancelJob: [
    {
      title: 'A job that has ended already.',
      input: { jobId: '0198c0de-0000-7000-8000-000000000003' },
      output: { success: true, cancelled: false },
    },
  ],
} as const
