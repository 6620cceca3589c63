/** How MiniSearch finds a contract: by its name above all, then by its fields, its tags, and what is said of it; an article by its title and headings. */
export const SEARCH = {
  fields: ['key', 'words', 'title', 'tags', 'fields', 'headings', 'description'],
  storeFields: ['key', 'version', 'title', 'description'],
  searchOptions: {
    prefix: true,
    fuzzy: 0.15,
    combineWith: 'AND',
    weights: { fuzzy: 0.05, prefix: 0.2 },
    bm25: { k: 1.2, b: 0.3, d: 0.5 },
    boost: { key: 8, words: 6, title: 0.5, fields: 3, tags: 2, headings: 0.3, description: 0.5 },
  },
}

/** What a page does besides being read: it searches, and copies code. An ES module beside `minisearch.js` and `search.json`. */
export const DOCS_SCRIPT = `import MiniSearch from './minisearch.js'

const script = document.querySelector('script[data-base]')
const input = document.getElementById('site-search')
const results = document.getElementById('site-results')
let loading

function load() {
  loading ??= fetch(new URL('search.json', import.meta.url)).then(async (response) => {
    const index = new MiniSearch(${JSON.stringify(SEARCH)})
    index.addAll(await response.json())
    return index
  })
  return loading
}

async function search() {
  const text = input.value.trim()
  const found = text === '' ? [] : (await load()).search(text).slice(0, 10)
  if (input.value.trim() !== text) return
  results.hidden = text === ''
  results.replaceChildren(
    ...(found.length === 0 ? [Object.assign(document.createElement('li'), { textContent: results.dataset.none })] : found.map(toResult)),
  )
}

function toResult({ id, key, version, title, description }) {
  const item = document.createElement('li')
  const link = Object.assign(document.createElement('a'), {
    href: script.dataset.base + id + '.html',
    textContent: title ?? key + ' ' + version,
    dir: 'ltr',
  })
  const text = Object.assign(document.createElement('span'), { textContent: description })
  item.append(link, text)
  return item
}

input.addEventListener('focus', load, { once: true })
input.addEventListener('input', search)
addEventListener('keydown', (event) => {
  const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, [contenteditable]')
  if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  input.focus()
})

for (const block of document.querySelectorAll('.code')) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: script.dataset.copy })
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code').textContent)
    button.textContent = script.dataset.copied
    setTimeout(() => {
      button.textContent = script.dataset.copy
    }, 2000)
  })
  block.append(button)
}
`
