import { below, type Random } from '../faults/random.ts'
import { damagedBytes, oneOf } from './damage.ts'

/** Bytes that are no HTTP, hardly any, or more of it than fits; each for a connection of its own, which ends behind them. */
export function rawCase(random: Random, key: string): { readonly what: string; readonly bytes: Buffer } {
  const auth = `host: 127.0.0.1\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n`
  const get = (head: string) => `GET ${head}\r\n\r\n`
  const post = (headers: string, body: string) => `POST /v1/shop/catalog/search HTTP/1.1\r\n${auth}${headers}\r\n\r\n${body}`
  const right = post('content-length: 12', '{"text":"a"}')
  const makers: readonly (() => string | Buffer)[] = [
    () => Buffer.from(Array.from({ length: 1 + below(random, 300) }, () => below(random, 256))),
    () => damagedBytes(random, Buffer.from(right)),
    () => damagedBytes(random, Buffer.from(`${right}${right}`)),
    () => Buffer.from(right).subarray(0, below(random, right.length)),
    () => Buffer.from(right.repeat(1 + below(random, 30))),
    () =>
      Buffer.from(`${right.repeat(3)}${damagedBytes(random, Buffer.from(right)).toString('latin1')}${right.repeat(2)}`, 'latin1'),
    () => get('/healthz HTTP/9.9\r\nhost: a'),
    () => get('/healthz HTTP/1.0'),
    () => get('/healthz HTTP/1.1'),
    () => get('/healthz'),
    () => get('  /healthz  HTTP/1.1\r\nhost: a'),
    () => get('/healthz HTTP/1.1\r\nhost: a\r\nhost: b'),
    () => get('/healthz HTTP/1.1\r\nhost: a\r\n folded: b'),
    () => get('/healthz HTTP/1.1\r\nhost: a\r\nno colon'),
    () => get('/healthz HTTP/1.1\r\nhost: a\r\na b: c'),
    () => get('/healthz HTTP/1.1\r\nhost: a\r\nx: a\0b'),
    () => get('/healthz HTTP/1.1\r\nhost: a\r\n: empty'),
    () => get(`/healthz HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}`),
    () => get(`/healthz HTTP/1.1\r\nhost: a\r\n${'a: b\r\n'.repeat(3_000)}c: d`),
    () => get(`/healthz?${'a'.repeat(20_000)} HTTP/1.1\r\nhost: a`),
    () => get('/\xff\xfe HTTP/1.1\r\nhost: a'),
    () => get('/healthz HTTP/1.1\nhost: a\n'),
    () => 'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n',
    () => 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n',
    () => 'TRACE / HTTP/1.1\r\nhost: a\r\n\r\n',
    () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    () => Buffer.from('16030100c8010000c40303', 'hex'),
    () => 'GET http://[::1 HTTP/1.1\r\nhost: a\r\n\r\n',
    () => 'GET https://evil.example.com/healthz HTTP/1.1\r\nhost: a\r\n\r\n',
    () => get('/v1/x HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: x'),
    () => get('/mcp HTTP/1.1\r\nhost: a\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: x'),
    () => post('content-length: 12\r\ncontent-length: 13', '{"text":"a"}'),
    () => post('content-length: -1', '{"text":"a"}'),
    () => post('content-length: 1e3', '{"text":"a"}'),
    () => post('content-length: 99999999999999999999', '{"text":"a"}'),
    () => post('content-length: 100', '{"text":"a"}'),
    () => post('content-length: 2', '{"text":"a"}'),
    () => post('content-length: 12\r\ntransfer-encoding: chunked', 'c\r\n{"text":"a"}\r\n0\r\n\r\n'),
    () => post('transfer-encoding: chunked', 'c\r\n{"text":"a"}\r\n0\r\n\r\n'),
    () => post('transfer-encoding: chunked', `${'c;a=b\r\n{"text":"a"}\r\n'}0\r\nx: y\r\n\r\n`),
    () => post('transfer-encoding: chunked', `c;${'a'.repeat(20_000)}\r\n{"text":"a"}\r\n0\r\n\r\n`),
    () => post('transfer-encoding: chunked', `0\r\n${'a: b\r\n'.repeat(5_000)}\r\n`),
    () => post('transfer-encoding: chunked', 'zz\r\n{"text":"a"}\r\n0\r\n\r\n'),
    () => post('transfer-encoding: chunked', 'ffffffffffffffffff\r\n{"text":"a"}\r\n'),
    () => post('transfer-encoding: chunked', '-1\r\n{"text":"a"}\r\n0\r\n\r\n'),
    () => post('transfer-encoding: chunked', 'c\r\n{"text":"a"}'),
    () => post('transfer-encoding: chunked', '5\r\n{"tex\r\n7\r\nt":"a"}\r\n0\r\n\r\n'),
    () => post('transfer-encoding: gzip, chunked', '0\r\n\r\n'),
    () => post('transfer-encoding: identity', '{"text":"a"}'),
    () => post('transfer-encoding: chunked, chunked', '0\r\n\r\n'),
    () => post('expect: 100-continue\r\ncontent-length: 12', '{"text":"a"}'),
    () => post('expect: 100-continue\r\ncontent-length: 99999999', ''),
    () => post('expect: nothing\r\ncontent-length: 12', '{"text":"a"}'),
    () => `\r\n\r\n\r\n${right}`,
    () => '\r\n'.repeat(1 + below(random, 1_000)),
    () => `GET${' '.repeat(below(random, 100))}/healthz HTTP/1.1\r\nhost: a\r\n\r\n`,
    () => `${'A'.repeat(1 + below(random, 50))} / HTTP/1.1\r\nhost: a\r\n\r\n`,
  ]
  const bytes = oneOf(random, makers)()
  return { what: 'bytes', bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes }
}
