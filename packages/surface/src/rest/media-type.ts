/** A media type without parameters, in lower case; `''` when the header is absent. */
export function mediaType(contentType: string | null): string {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** True for `application/json` and every `+json`, in UTF-8. */
export function isJsonType(contentType: string | null): boolean {
  if (contentType === 'application/json') return true
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? 'utf-8'
  return /^application\/(?:[\w.+-]+\+)?json$/.test(mediaType(contentType)) && (charset === 'utf-8' || charset === 'us-ascii')
}
