import type { Handler } from '@waymark/contract'
import type { ListTracksContract } from '../contracts/onboarding.ts'
import type { CompiledTrack } from '../engine/index.ts'
import type { Journey } from './journey.ts'
import { textFor } from './texts.ts'

/** `learning.onboarding.listTracks`: the tracks that are served, by key. The cursor is the key of the last one. */
export function listTracks({ catalogue }: Journey): Handler<typeof ListTracksContract> {
  return async ({ input }) => {
    const after = catalogue.tracks.filter(({ key }) => input.cursor === null || key > input.cursor)
    const page = after.slice(0, input.limit)
    return {
      items: page.map((track) => toItem(track, input.locale)),
      nextCursor: after.length > page.length ? (page.at(-1)?.key ?? null) : null,
    }
  }
}

function toItem({ key, version, model, subject, mode, steps }: CompiledTrack, locale: string | undefined) {
  const items = steps.map(({ model: step }) => ({
    stepId: step.key,
    title: textFor(step.title, locale) ?? step.key,
    description: textFor(step.description, locale) ?? null,
    xp: step.reward?.xp ?? 0,
  }))
  return {
    trackId: key,
    version,
    title: textFor(model.title, locale) ?? key,
    description: textFor(model.description, locale) ?? null,
    subject,
    enrolment: mode,
    xp: items.reduce((sum, { xp }) => sum + xp, model.completion?.xp ?? 0),
    steps: items,
  }
}
