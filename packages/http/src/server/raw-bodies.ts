import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { plainError } from "./go-router.ts";

/** What requests said before it was hidden from Fastify, which refuses a Content-Type that is none. */
const CONTENT_TYPES = new WeakMap<object, string>();

/** The Content-Type of a request of a scope with raw bodies. */
export const contentTypeOf = ({ raw }: FastifyRequest): string | undefined => CONTENT_TYPES.get(raw);

/** Bytes of the body of a request of a scope with raw bodies. */
export const bodyOf = ({ body }: FastifyRequest): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array());

/** Hands the routes of this scope bodies as bytes, whatever their Content-Type says. */
export function readRawBodies(app: FastifyInstance): void {
  hideContentTypes(app);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
}

function hideContentTypes(app: FastifyInstance): void {
  app.addHook("onRequest", async ({ raw }) => {
    const type = raw.headers["content-type"];
    if (type === undefined) return;
    CONTENT_TYPES.set(raw, type);
    raw.headers["content-type"] = "application/octet-stream";
  });
}

/** Limits of the bodies that a scope receives at once. */
export interface BodyLimits {
  /** Of one body, bytes: a longer one is answered with 413. */
  readonly maxBytes: number;
  /** Of all bodies that are held, bytes: the one that exceeds it is answered with 503, which senders take for "again". */
  readonly maxHeldBytes: number;
}

/** As readRawBodies(), for clients that send so much that the memory of all bodies together has a limit. */
export function readHeldBodies(app: FastifyInstance, { maxBytes, maxHeldBytes }: BodyLimits): void {
  hideContentTypes(app);
  app.removeAllContentTypeParsers();
  const tooLarge = (): BodyRefused =>
    new BodyRefused(413, `the body is larger than ${maxBytes} bytes; send less at once`);
  let held = 0;
  app.addContentTypeParser("*", async ({ raw }: FastifyRequest, payload: AsyncIterable<Buffer>) => {
    if (Number(raw.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
    const pieces: Buffer[] = [];
    let size = 0;
    raw.once("close", () => void (held -= size));
    for await (const piece of payload) {
      size += piece.length;
      held += piece.length;
      if (size > maxBytes) throw tooLarge();
      if (held > maxHeldBytes) {
        throw new BodyRefused(503, `bodies under way hold more than ${maxHeldBytes} bytes; send this one again later`);
      }
      pieces.push(piece);
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, size);
  });
  app.setErrorHandler((error, _request, reply): FastifyReply => {
    if (!(error instanceof BodyRefused)) throw error;
    return plainError(reply.header("connection", "close"), error.status, error.message);
  });
}

class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
