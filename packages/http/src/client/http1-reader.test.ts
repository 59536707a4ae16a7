import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type ResponseHead, Http1Error } from "./http1-head.ts";
import { Http1Reader } from "./http1-reader.ts";

interface Read {
  readonly head: ResponseHead;
  readonly body: string;
  readonly surplus: boolean;
}

/** Reads an answer that arrives in pieces. All pieces use the same buffer, as on a real connection. */
function read(pieces: readonly string[], closed = false): Read {
  const reader = new Http1Reader();
  let body = "";
  reader.begin({
    begin: () => (body = ""),
    write: (bytes, from, to) => (body += bytes.toString("latin1", from, to)),
  });
  const arrivals = Buffer.alloc(Math.max(...pieces.map((piece) => piece.length), 1));
  for (const piece of pieces) {
    arrivals.fill(0).write(piece, "latin1");
    reader.take(arrivals, piece.length);
  }
  if (closed) reader.end();
  if (!reader.done) throw new Error("not whole");
  return { head: reader.head!, body, surplus: reader.surplus };
}

/** Returns the ways to split an answer: into two pieces at every position, and into single bytes. */
function* cuts(answer: string): Generator<string[]> {
  for (let at = 0; at <= answer.length; at++) yield [answer.slice(0, at), answer.slice(at)];
  yield answer.split("");
}

const CHUNKED =
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5\r\nhello\r\n1;a=b\r\n \r\n00A \r\nworld 1234\r\n0\r\nX: y\r\n\r\n";

test.each([
  [
    "with a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nx 1\n\n",
    "x 1\n\n",
    false,
  ],
  ["in chunks, with extensions and trailers", CHUNKED, "hello world 1234", false],
  ["up to the connection's end", "HTTP/1.1 200 OK\r\nContent-Type: a\r\n\r\nabc", "abc", true],
  ["without a body", "HTTP/1.1 204 No Content\r\n\r\n", "", false],
  ["of no length", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "", false],
  [
    "behind 1xx answers",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nz",
    "z",
    false,
  ],
  ["with bare line feeds in its head", "HTTP/1.1 200 OK\nContent-Length: 2\n\nab", "ab", false],
  ["with odd names", "HTTP/2.0 200 OK\r\nContent-Length : 7\r\n: x\r\nContent-Length: 2\r\n\r\nab", "ab", false],
  ["with folded lines", "HTTP/1.1 200 OK\r\nX: a\r\n  b\r\nContent-Length: 2\r\n\r\nab", "ab", false],
])("an answer %s is the same however it is cut", (_, answer, body, closed) => {
  for (const pieces of cuts(answer)) {
    const got = read(pieces, closed);
    expect([got.head.status, got.body, got.surplus]).toEqual([answer.includes("204") ? 204 : 200, body, false]);
  }
});

test("any body in any chunks, split anywhere, is read as it was sent", () =>
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, unit: "binary-ascii" }), { maxLength: 5 }),
      fc.nat(),
      (chunks, cut) => {
        const sent = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
        const answer = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${sent}0\r\n\r\n`;
        const at = cut % answer.length;
        expect(read([answer.slice(0, at), answer.slice(at)]).body).toBe(chunks.join(""));
      },
    ),
  ));

const TORN =
  /^(?:EOF|unexpected EOF|malformed (?:HTTP (?:response|version|status code)|MIME header: missing colon:) ".*")$/;

test("an answer that is cut off anywhere is refused", () => {
  for (const answer of [CHUNKED, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"]) {
    for (let at = 0; at < answer.length; at++) {
      const inHead = at < answer.indexOf("\r\n\r\n") + 4;
      expect(() => read([answer.slice(0, at)], true)).toThrow(inHead ? TORN : /^unexpected EOF$/);
    }
  }
});

test("an answer that ends within its head is judged by its first line", () => {
  expect(() => read(["\x15\x03\x01\0\x02\x02"], true)).toThrow(
    'malformed HTTP response "\\x15\\x03\\x01\\x00\\x02\\x02"',
  );
  expect(() => read(["HTTP/1.1 200 OK\r\nConte"], true)).toThrow('malformed MIME header: missing colon: "Conte"');
  expect(() => read(["HTTP/1.1 200 OK\r\nA: b"], true)).toThrow("unexpected EOF");
  expect(() => read([""], true)).toThrow(/^EOF$/);
});

test("the head contains type, encoding, location, status and whether the connection is kept", () => {
  const of = (fields: string, first = "HTTP/1.1 200 OK"): ResponseHead =>
    read([`${first}\r\n${fields}Content-Length: 0\r\n\r\n`]).head;
  expect(
    of(
      "CONTENT-TYPE:\t text/plain \r\nContent-Type: b\r\ncontent-encoding: gzip\r\nLocation: /x\r\nretry-After: 30\r\n",
    ),
  ).toMatchObject({
    contentType: "text/plain",
    contentEncoding: "gzip",
    location: "/x",
    retryAfter: "30",
    keepAlive: true,
  });
  expect(of("", "HTTP/1.1 503 Nobody Home").statusText).toBe("503 Nobody Home");
  expect(
    [of("Connection: Close\r\n"), of("Connection: a\r\nConnection: b, close\r\n")].map((h) => h.keepAlive),
  ).toEqual([false, false]);
  const old = "HTTP/1.0 200 OK";
  expect([of("", old).keepAlive, of("Connection: keep-alive\r\n", old).keepAlive]).toEqual([false, true]);
  expect(read(["HTTP/1.1 200 OK\r\n\r\n"], true).head.keepAlive).toBe(false);
});

test("bytes after an answer are reported", () => {
  expect(read(["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab"])).toMatchObject({ body: "a", surplus: true });
  expect(read(["HTTP/1.1 204 No\r\n\r\nx"])).toMatchObject({ body: "", surplus: true });
});

const chunked = (body: string): string => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;

const refusedAnswers: readonly [answer: string, message: string][] = [
  ["garbage\r\n\r\n", 'malformed HTTP response "garbage"'],
  ["hello world\r\n\r\n", 'malformed HTTP status code "world"'],
  ["SSH-2.0-x 200\r\n\r\n", 'malformed HTTP version "SSH-2.0-x"'],
  ["HTTP/1.1 2x0 OK\r\n\r\n", 'malformed HTTP status code "2x0"'],
  ["HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 'malformed MIME header: missing colon: "no colon"'],
  ["HTTP/1.1 200 OK\r\nA\tB: b\r\n\r\n", 'malformed MIME header line: "A\\tB: b"'],
  ["HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n", 'malformed MIME header line: "A: b\\x00"'],
  ["HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 'bad Content-Length "-1"'],
  [
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    'multiple Content-Length headers; got ["1" "2"]',
  ],
  ["HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 'unsupported transfer encoding: "gzip, chunked"'],
  [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "too many transfer encodings",
  ],
  [`HTTP/1.1 200 OK\r\nX: ${"x".repeat(11_000_000)}`, "server response headers exceeded 10485760 bytes"],
  ["HTTP/1.1 100 Go on\r\n\r\n".repeat(500_000), "server response headers exceeded 10485760 bytes"],
  [chunked("x\r\n"), "invalid byte in chunk length"],
  [chunked("\r\n"), "invalid byte in chunk length"],
  [chunked("1\nx\r\n"), "chunked line ends with bare LF"],
  [chunked("1;\nx\r\n"), "chunked line ends with bare LF"],
  [chunked("1\rx"), "malformed chunked encoding"],
  [chunked("1\r\nxy\r\n"), "malformed chunked encoding"],
  [chunked("1\r\nx\ry"), "malformed chunked encoding"],
  [chunked("fffffffffffffff\r\n"), "http chunk length too large"],
  [chunked("00000000000000001\r\n"), "http chunk length too large"],
  [chunked(`1;${"x".repeat(5000)}`), "header line too long"],
];

/** Test cases with shortened titles, because some answers have megabytes and would make the titles too long. */
const titled = refusedAnswers.map(
  ([answer, message]) => [JSON.stringify(answer.slice(0, 80)), answer, message] as const,
);

test.each(titled)("%s is refused", (_title, answer, message) => {
  for (const pieces of answer.length > 1000 ? [[answer]] : cuts(answer)) {
    expect(() => read(pieces)).toThrow(message);
    expect(() => read(pieces)).toThrow(Http1Error);
  }
});

test("any bytes result in an answer or an Http1Error", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "HTTP/1.1 200 OK",
          "\r\n",
          "\n",
          "Transfer-Encoding: chunked",
          "Content-Length: 2",
          "1",
          "a",
          "\r\n\r\n",
          " ",
          "\0ÿ",
        ),
        { maxLength: 20 },
      ),
      (parts) => {
        try {
          read([parts.join("")], true);
        } catch (error) {
          expect(error).toBeInstanceOf(Http1Error);
        }
      },
    ),
  ));
