import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BodyPieces } from "./body-pieces.ts";
import { plainError } from "./go-router.ts";

/** Content-Type that Fastify sees instead of the real one, so that all bodies are read as bytes. */
const HIDDEN_TYPE = "application/octet-stream";
/**
 * Content types that are registered with Fastify. "*" alone would be enough, but Fastify caches only named types and
 * searches for "*" at each request.
 */
const TYPES = [HIDDEN_TYPE, "*"];

const CONTENT_TYPE = Symbol("content type");
const CHARGE = Symbol("charge");

/** State that is stored on a request while its body is received. Properties are faster than a WeakMap. */
interface Received {
  /** The real Content-Type, which is hidden from Fastify because Fastify refuses invalid ones. */
  [CONTENT_TYPE]?: string;
  [CHARGE]?: Charge;
}

/** Returns the real Content-Type of a request whose body is read as bytes. */
export const contentTypeOf = ({ raw }: FastifyRequest): string | undefined => (raw as Received)[CONTENT_TYPE];

/** Returns the body of a request as bytes. Requires readRawBodies() or readHeldBodies(). */
export const bodyOf = ({ body }: FastifyRequest): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array());

/** Passes request bodies to the routes of this Fastify scope as bytes, for every Content-Type. */
export function readRawBodies(app: FastifyInstance): void {
  hideContentTypes(app);
  app.removeAllContentTypeParsers();
  const parse = wholeBody((body) => body);
  for (const type of TYPES) app.addContentTypeParser(type, parse);
}

/**
 * Returns a content type parser that reads the whole body and converts it with `parse`. Refuses a body with status 413
 * if it is longer than `maxBytes` or the `bodyLimit` of its route.
 */
export function wholeBody(
  parse: (body: Buffer, request: FastifyRequest) => unknown,
  { maxBytes = Number.POSITIVE_INFINITY, refusal = "Request body is too large" } = {},
): (request: FastifyRequest, payload: Readable) => Promise<unknown> {
  return async (request, payload) => {
    const limit = Math.min(maxBytes, request.routeOptions.bodyLimit ?? maxBytes);
    const tooLarge = (): BodyRefused => new BodyRefused(413, refusal);
    if (Number(request.headers["content-length"] ?? 0) > limit) throw tooLarge();
    let bytes = 0;
    const take = ({ length }: Buffer): BodyRefused | undefined => {
      bytes += length;
      return bytes > limit ? tooLarge() : undefined;
    };
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    receive(payload, take, (error, body) => (error === null ? resolve(body!) : reject(error)));
    return parse(await promise, request);
  };
}

function hideContentTypes(app: FastifyInstance): void {
  app.addHook("onRequest", ({ raw }, _reply, done) => {
    const type = raw.headers["content-type"];
    if (type !== undefined) {
      (raw as Received)[CONTENT_TYPE] = type;
      raw.headers["content-type"] = HIDDEN_TYPE;
    }
    done();
  });
}

/** Limits for all request bodies of a Fastify scope that are in memory at the same time. */
export interface BodyLimits {
  /** Maximum size of one body in bytes. A longer body is answered with 413. */
  readonly maxBytes: number;
  /** Text of the answer to a longer body. */
  readonly tooLarge?: string;
  /**
   * Largest total size in bytes of all bodies in memory. Further bodies are answered with 503, after which senders
   * retry.
   */
  readonly maxHeldBytes: number;
  /**
   * Number of bytes at the start of each body that do not count towards `maxHeldBytes`. Short bodies are therefore
   * accepted even if long bodies use all of the memory.
   */
  readonly freeBytes: number;
}

/**
 * Passes request bodies to the routes of this Fastify scope as bytes, and limits the memory of all bodies together.
 * Intended for clients that send large amounts of data.
 */
export function readHeldBodies(app: FastifyInstance, limits: BodyLimits): void {
  hideContentTypes(app);
  app.removeAllContentTypeParsers();
  const read = heldBodies(app, limits);
  for (const type of TYPES) app.addContentTypeParser(type, read);
  app.setErrorHandler((error, _request, reply): FastifyReply => {
    if (!(error instanceof BodyRefused)) throw error;
    return plainError(reply.header("connection", "close"), error.statusCode, error.message);
  });
}

type BodyParser = (request: FastifyRequest, payload: Readable, done: Done) => void;

/**
 * Returns a parser that reads bodies as bytes. Refuses a body with BodyRefused if the memory limit of the scope is
 * reached.
 */
export function heldBodies(app: FastifyInstance, limits: BodyLimits): BodyParser {
  const { maxBytes, maxHeldBytes, freeBytes } = limits;
  const tooLarge = (): BodyRefused =>
    new BodyRefused(413, limits.tooLarge ?? `the body is larger than ${maxBytes} bytes; send less at once`);
  let held = 0;
  // Releases the memory when the answer was sent or cannot be sent any more. A request emits "close" earlier, when its
  // body was read.
  app.addHook("onRequest", (request, reply, done) => {
    const charge: Charge = { held: 0, isOver: false };
    (request.raw as Received)[CHARGE] = charge;
    reply.raw.once("close", () => {
      charge.isOver = true;
      held -= charge.held;
    });
    done();
  });
  return ({ raw }, payload, done) => {
    if (Number(raw.headers["content-length"] ?? 0) > maxBytes) {
      done(tooLarge());
      return;
    }
    const charge = (raw as Received)[CHARGE]!;
    let bytes = 0;
    /** Counts a received piece. Returns the reason if the piece must be refused. */
    const take = ({ length }: Buffer): BodyRefused | undefined => {
      if (charge.isOver) return new BodyRefused(503, "the client has gone");
      bytes += length;
      if (bytes > maxBytes) return tooLarge();
      const more = Math.max(0, bytes - freeBytes) - charge.held;
      charge.held += more;
      held += more;
      return more > 0 && held > maxHeldBytes
        ? new BodyRefused(503, `bodies in progress hold more than ${maxHeldBytes} bytes; send this body again later`)
        : undefined;
    };
    receive(payload, take, done);
  };
}

type Done = (error: Error | null, body?: Buffer) => void;

/**
 * Reads a body as long as `take` accepts its pieces. The rest of a refused body is not read, but its request is not
 * destroyed, because the connection is needed for the answer.
 */
function receive(payload: Readable, take: (piece: Buffer) => BodyRefused | undefined, done: Done): void {
  const pieces = new BodyPieces();
  let isSettled = false;
  const settle = (error: Error | null): void => {
    if (isSettled) return;
    isSettled = true;
    payload.pause().off("data", add);
    if (error === null) done(null, pieces.whole());
    else done(error);
  };
  const add = (piece: Buffer): void => {
    const refused = take(piece);
    if (refused === undefined) pieces.add(piece);
    else settle(refused);
  };
  payload
    .on("data", add)
    .once("end", () => settle(null))
    .on("error", settle)
    .once("close", () => {
      // Handles a "close" event before the end of the body as an error. Each request emits "close", also after a
      // complete body.
      if (!isSettled) settle(new BodyRefused(503, "the client has gone"));
    });
}

/** Memory accounting for the body of one request. */
interface Charge {
  /** Number of bytes that the body currently occupies. */
  held: number;
  /** Whether the answer was sent or cannot be sent any more, so that the memory can be released. */
  isOver: boolean;
}

/** Error for a request body that is refused because it is too large (413) or the memory limit is reached (503). */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
