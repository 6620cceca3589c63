import { expect, test } from 'vitest'
import { textFor } from './texts.ts'

const title = { de: 'Hallo', en: 'Hello', 'pt-BR': 'Oi', pt: 'Olá' }

test('a text comes in the locale, else in its language, else in English, else in the first there is', () => {
  expect(textFor(title, 'pt-BR')).toBe('Oi')
  expect(textFor(title, 'pt-PT')).toBe('Olá')
  expect(textFor(title, 'fr')).toBe('Hello')
  expect(textFor(title, undefined)).toBe('Hello')
  expect(textFor({ de: 'Hallo', it: 'Ciao' }, 'fr')).toBe('Hallo')
})

test('one text is for everyone, and no text is none', () => {
  expect(textFor('Hello', 'de')).toBe('Hello')
  expect(textFor(undefined, 'de')).toBeUndefined()
  expect(textFor({}, 'de')).toBeUndefined()
  expect(textFor({}, 'constructor')).toBeUndefined()
})
