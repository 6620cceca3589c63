/**
 * What the body of a rejected event contains when it names one of these learners: bodies are written by `JSON.stringify`, and one that
 * was cut short is a text within such a body.
 */
export function toNeedles(learners: readonly string[]): readonly string[] {
  const plain = learners.map((learner) => `"learnerId":${JSON.stringify(learner)}`)
  return [...plain, ...plain.map((text) => JSON.stringify(text).slice(1, -1))]
}

/** The ids of the subjects of a kind: `l` for learners, `a` for accounts. */
export function idsOf(kind: 'l' | 'a', subjects: readonly string[]): readonly string[] {
  return subjects.filter((subject) => subject.startsWith(`${kind}:`)).map((subject) => subject.slice(2))
}
