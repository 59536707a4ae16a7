import type { Readable } from "node:stream";
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
  /** First bytes of each body that do not count as held: short bodies are taken whatever long ones hold. */
  readonly freeBytes: number;
}

/** As readRawBodies(), for clients that send so much that the memory of all bodies together has a limit. */
export function readHeldBodies(app: FastifyInstance, { maxBytes, maxHeldBytes, freeBytes }: BodyLimits): void {
  hideContentTypes(app);
  app.removeAllContentTypeParsers();
  const tooLarge = (): BodyRefused =>
    new BodyRefused(413, `the body is larger than ${maxBytes} bytes; send less at once`);
  const charges = new WeakMap<object, Charge>();
  let held = 0;
  // A request closes when its body has been read; what waits for its turn is held until the answer is out, or never will be.
  app.addHook("onRequest", (request, reply, done) => {
    const charge: Charge = { held: 0, isOver: false };
    charges.set(request.raw, charge);
    reply.raw.once("close", () => {
      charge.isOver = true;
      held -= charge.held;
    });
    done();
  });
  app.addContentTypeParser("*", async ({ raw }: FastifyRequest, payload: Readable) => {
    if (Number(raw.headers["content-length"] ?? 0) > maxBytes) throw tooLarge();
    const charge = charges.get(raw)!;
    const pieces: Buffer[] = [];
    let bytes = 0;
    // A refused body is not read to its end, and not destroyed: a destroyed request has no connection to answer on.
    const arriving: AsyncIterable<Buffer> = payload.iterator({ destroyOnReturn: false });
    for await (const piece of arriving) {
      if (charge.isOver) throw new BodyRefused(503, "the client has gone");
      bytes += piece.length;
      if (bytes > maxBytes) throw tooLarge();
      const more = Math.max(0, bytes - freeBytes) - charge.held;
      charge.held += more;
      held += more;
      if (more > 0 && held > maxHeldBytes) {
        throw new BodyRefused(503, `bodies under way hold more than ${maxHeldBytes} bytes; send this one again later`);
      }
      pieces.push(piece);
    }
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces, bytes);
  });
  app.setErrorHandler((error, _request, reply): FastifyReply => {
    if (!(error instanceof BodyRefused)) throw error;
    return plainError(reply.header("connection", "close"), error.statusCode, error.message);
  });
}

/** What a request's body is charged for. */
interface Charge {
  /** Bytes. */
  held: number;
  /** Its answer is out, or never will be: the bytes are free again. */
  isOver: boolean;
}

/** What a client sent was not taken: its own fault, or that of the others who send. */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
