import { describe, expect, test } from 'vitest'
import { compiled, control, enrolment, event, START } from '../../test-support/entries.ts'
import { Learner, untimed, verdicts } from '../../test-support/folding.ts'
import type { CompiledTrack } from './compile.ts'
import { cutSubject } from './cut.ts'
import type { Entry } from './entry.ts'
import { REASONS, verdictsOfAll, verdictsOfDuplicate } from './verdict.ts'

/** What the last of some entries does, each in a round of its own. */
function last(track: CompiledTrack, ...entries: readonly Entry[]): string[] {
  const learner = new Learner(track)
  return entries.map((entry) => verdicts(learner.fold(entry))).at(-1) ?? []
}

const EXPLICIT = { enrol: { mode: 'explicit' } }
const LATE = { receivedAt: START + 8 * 86_400_000 }

/** An entry that comes after what happened before it was forgotten. */
function belowCut(): string[] {
  const learner = new Learner(compiled({ event: 'a', atLeast: 3 }))
  learner.fold(event('a', 10))
  const cuts = new Map(learner.tracks.map((track) => [track, START + 5_000]))
  learner.row = cutSubject({
    row: learner.row,
    hasHistory: true,
    ...untimed,
    cuts,
    history: () => ({ checkpoint: null, entries: learner.journal }),
  }).row
  return verdicts(learner.fold(event('a', 4)))
}

function paused(): string[] {
  const track = compiled({ event: 'a' })
  return verdictsOfAll(track, event('a', 1), 'paused').map(
    ({ step, verdict, reason }) => `${track.steps[step]?.key}: ${verdict} ${reason}`,
  )
}

/** One way to each reason of the closed list. */
const WAYS: Readonly<Record<(typeof REASONS)[number], readonly [string, string[]][]>> = {
  count_short: [
    ['counted, more wanted', last(compiled({ event: 'a', atLeast: 2 }), event('a', 1))],
    ['another part is missing', last(compiled({ all: [{ event: 'a' }, { event: 'b' }] }), event('a', 1))],
    ['a leaf that is full', last(compiled({ all: [{ event: 'a' }, { event: 'b' }] }), event('a', 1), event('a', 2))],
    ['seen', last(compiled({ event: 'a', distinctBy: '/v', atLeast: 2 }), event('a', 1, { v: 1 }), event('a', 2, { v: 1 }))],
  ],
  condition_false: [
    ['where', last(compiled({ event: 'a', where: { '/n': 1 } }), event('a', 1))],
    ['source', last(compiled({ event: 'a', source: 'crm' }), event('a', 1))],
    ['distinctBy', last(compiled({ event: 'a', distinctBy: '/v' }), event('a', 1))],
  ],
  prerequisite: [
    [
      'counted, a step comes first',
      last(compiled([{ complete: { event: 'b' } }, { after: { all: ['s1'] }, complete: { event: 'a' } }]), event('a', 1)),
    ],
    [
      'full, a step comes first',
      last(
        compiled([{ complete: { event: 'b' } }, { after: { all: ['s1'] }, complete: { event: 'a' } }]),
        event('a', 1),
        event('a', 2),
      ),
    ],
    [
      'locked',
      last(
        compiled([
          { complete: { event: 'b', atLeast: 2 } },
          { after: { all: ['s1'] }, complete: { event: 'a', lookback: 'afterUnlock' } },
        ]),
        event('b', 1),
        event('a', 2),
      ),
    ],
    [
      'an earlier part of a sequence',
      last(compiled({ sequence: [{ event: 'b', atLeast: 2 }, { event: 'a' }] }), event('b', 1), event('a', 2)),
    ],
  ],
  already_done: [
    ['the step', last(compiled([{ complete: { event: 'a' } }, { complete: { event: 'b' } }]), event('a', 1), event('a', 2))],
    ['the run', last(compiled({ event: 'a' }), event('a', 1), event('a', 2))],
    [
      'an older entry of a step that is done',
      last(compiled([{ complete: { event: 'a' } }, { complete: { event: 'b' } }]), event('a', 5), event('a', 2)),
    ],
  ],
  before_start: [
    ['older than the enrolment', last(compiled([{ complete: { event: 'a' } }], EXPLICIT), enrolment(5), event('a', 1))],
  ],
  consumed: [
    [
      'taken by an earlier step',
      last(
        compiled([
          { complete: { event: 'a', atLeast: 2, consume: 'exclusive' } },
          { complete: { event: 'a', consume: 'exclusive' } },
        ]),
        event('a', 1),
      ).slice(1),
    ],
  ],
  not_enrolled: [['no run', last(compiled([{ complete: { event: 'a' } }], EXPLICIT), event('a', 1))]],
  source_untrusted: [['the learner’s own client', last(compiled({ event: 'a' }), event('a', 1, {}, { channel: 'client' }))]],
  version_unsupported: [['another major', last(compiled({ event: 'a', version: '2' }), event('a', 1))]],
  window_expired: [
    [
      'after the window',
      last(compiled({ event: 'a', atLeast: 2, window: { since: 'enrolment', within: 'PT5S' } }), event('a', 1), event('a', 7)),
    ],
  ],
  not_open_yet: [
    ['counted, the step opens later', last(compiled([{ opens: { after: 'PT9S' }, complete: { event: 'a' } }]), event('a', 1))],
    [
      'not counted before it opens',
      last(compiled([{ opens: { after: 'PT9S' }, complete: { event: 'a', lookback: 'afterUnlock' } }]), event('a', 1)),
    ],
  ],
  branch_closed: [
    [
      'another way was chosen',
      last(
        compiled([
          { complete: { event: 'b' }, branches: [{ key: 'x', when: { event: 'c' } }], default: 'y' },
          { after: { branch: 's1.x' }, complete: { event: 'a' } },
          { after: { branch: 's1.y' }, complete: { event: 'never' } },
        ]),
        event('b', 1),
        event('a', 2),
      ),
    ],
  ],
  missed: [
    [
      'after what was due',
      last(
        compiled([
          { complete: { event: 'b', atLeast: 2 } },
          { due: { after: 'PT5S' }, required: false, complete: { event: 'a' } },
        ]),
        event('b', 1),
        event('a', 7),
      ),
    ],
    [
      'the run ended so',
      last(compiled([{ due: { after: 'PT5S' }, complete: { event: 'a', atLeast: 2 } }]), event('a', 1), event('a', 7)),
    ],
  ],
  audience: [
    [
      'not those of the audience',
      last(compiled([{ complete: { event: 'a' } }], { audience: { '/plan': 'pro' } }), event('a', 1)),
    ],
  ],
  exited: [
    [
      'the run was exited',
      last(compiled([{ complete: { event: 'a', atLeast: 2 } }]), event('a', 1), control('exited', 2), event('a', 3)),
    ],
  ],
  paused: [['the track is paused', paused()]],
  too_late: [['older than the lateness', last(compiled({ event: 'a' }), event('a', 1, {}, LATE))]],
  evidence_expired: [['before the cut', belowCut()]],
}

describe.each(REASONS)('%s', (reason) => {
  test.each(WAYS[reason])('%s', (_, found) => {
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(new RegExp(`^s[12]: (progressed|unchanged) ${reason}$`))
  })
})

describe('precedence', () => {
  test('completed has no reason, progressed is only said when a leaf took the entry', () => {
    const track = compiled([{ complete: { event: 'a' } }, { complete: { event: 'a', atLeast: 2 } }])
    expect(last(track, event('a', 1))).toEqual(['s1: completed', 's2: progressed count_short'])
  })

  test('a step that completes in cascade is told even where it does not listen', () => {
    const track = compiled([{ complete: { event: 'a' } }, { after: { all: ['s1'] }, complete: { event: 'b' } }])
    expect(last(track, event('b', 1), event('a', 2))).toEqual(['s1: completed', 's2: completed'])
  })

  test('too late comes before everything else', () => {
    const track = compiled([{ complete: { event: 'a', version: '2', where: { '/n': 1 } } }, { complete: { event: 'a' } }])
    expect(last(track, event('a', 20), event('a', 1, {}, { ...LATE, channel: 'client' }))).toEqual([
      's1: unchanged too_late',
      's2: unchanged too_late',
    ])
  })

  test('done comes before what the event lacks', () => {
    const track = compiled([{ complete: { event: 'a', where: { '/n': 1 } } }, { complete: { event: 'b' } }])
    expect(last(track, event('a', 1, { n: 1 }), event('a', 2, {}))).toEqual(['s1: unchanged already_done'])
  })

  test('of several leaves, the one that came closest to taking the entry says why', () => {
    const any = compiled({
      any: [
        { event: 'a', version: '2' },
        { event: 'a', trust: 'server' },
        { event: 'a', where: { '/n': 1 }, trust: 'client' },
      ],
    })
    expect(last(any, event('a', 1, {}, { channel: 'client' }))).toEqual(['s1: unchanged condition_false'])
    const both = compiled([{ complete: { all: [{ event: 'a' }, { event: 'a', where: { '/n': 1 } }] } }])
    expect(last(both, event('a', 1), event('a', 2))).toEqual(['s1: unchanged count_short'])
  })

  test('a version is refused before the channel is looked at', () => {
    expect(last(compiled({ event: 'a', version: '2' }), event('a', 1, {}, { channel: 'client' }))).toEqual([
      's1: unchanged version_unsupported',
    ])
  })

  test('of two entries in one round, the first is told what it lacked then', () => {
    const learner = new Learner(compiled({ event: 'a', atLeast: 2 }))
    expect(verdicts(learner.fold(event('a', 1), event('a', 2)))).toEqual(['s1: progressed count_short', 's1: completed'])
  })

  test('an older entry that completes a step through younger ones is told so', () => {
    const learner = new Learner(compiled({ sequence: [{ event: 'a' }, { event: 'b' }] }))
    learner.fold(event('b', 5))
    expect(verdicts(learner.fold(event('a', 1)))).toEqual(['s1: completed'])
  })

  test('an event that no step listens to has no verdict', () => {
    expect(
      last(compiled([{ complete: { event: 'a' } }], { enrol: { mode: 'onEvent', event: 'start' } }), event('start', 1)),
    ).toEqual([])
  })
})

describe('a duplicate', () => {
  const again = (track: CompiledTrack, entry: Entry, ...entries: readonly Entry[]) => {
    const learner = new Learner(track)
    for (const one of entries) learner.fold(one)
    const found = verdictsOfDuplicate(track, entry, learner.state())
    return found.map(({ verdict, reason }) => `${verdict} ${reason}`)
  }

  test('changes nothing, with the reasons of today', () => {
    const first = event('a', 1)
    expect(again(compiled({ event: 'a', atLeast: 2 }), first, first)).toEqual(['unchanged count_short'])
    expect(again(compiled({ event: 'a' }), first, first)).toEqual(['unchanged already_done'])
    expect(again(compiled([{ complete: { event: 'a' } }], EXPLICIT), first, first)).toEqual(['unchanged not_enrolled'])
    expect(
      again(compiled([{ complete: { event: 'b' } }, { after: { all: ['s1'] }, complete: { event: 'a' } }]), first, first),
    ).toEqual(['unchanged prerequisite'])
  })
})
