import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BodyPieces } from "./body-pieces.ts";
import { plainError } from "./go-router.ts";

/** Content-Type that Fastify sees for all requests in a scope that reads raw bodies. */
const HIDDEN_TYPE = "application/octet-stream";
/**
 * Content types to register with Fastify. "*" alone would be enough, but Fastify caches only a named type and searches
 * for "*" at each request.
 */
const TYPES = [HIDDEN_TYPE, "*"];

const CONTENT_TYPE = Symbol("content type");
const CHARGE = Symbol("charge");

/** State of a request while its body is received. Properties on the request cost less than weak map entries. */
interface Received {
  /** The real Content-Type, which is hidden from Fastify because Fastify refuses invalid ones. */
  [CONTENT_TYPE]?: string;
  [CHARGE]?: Charge;
}

/** Returns the Content-Type of a request of a scope with raw bodies. */
export const contentTypeOf = ({ raw }: FastifyRequest): string | undefined => (raw as Received)[CONTENT_TYPE];

/** Returns the body's bytes of a request of a scope with raw bodies. */
export const bodyOf = ({ body }: FastifyRequest): Uint8Array => (body instanceof Uint8Array ? body : new Uint8Array());

/** Passes bodies to the routes of this scope as bytes, whatever their Content-Type. */
export function readRawBodies(app: FastifyInstance): void {
  hideContentTypes(app);
  app.removeAllContentTypeParsers();
  const parse = wholeBody((body) => body);
  for (const type of TYPES) app.addContentTypeParser(type, parse);
}

/**
 * Returns a content type parser that reads whole bodies and converts them with `parse`. A body longer than `maxBytes`,
 * or than its route's `bodyLimit`, is refused with 413.
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

/** Limits of the bodies that a scope receives concurrently. */
export interface BodyLimits {
  /** Maximum size of one body in bytes. A longer body is answered with 413. */
  readonly maxBytes: number;
  /** Text of the answer to a longer body. */
  readonly tooLarge?: string;
  /**
   * Maximum size of all held bodies together in bytes. A body that exceeds it is answered with 503, after which senders
   * retry.
   */
  readonly maxHeldBytes: number;
  /**
   * Number of bytes at the start of each body that do not count as held. So short bodies are accepted however much
   * memory long bodies hold.
   */
  readonly freeBytes: number;
}

/**
 * Passes bodies to the routes of this scope as bytes like readRawBodies(), but limits the memory of all bodies
 * together. For clients that send large amounts of data.
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

/** Returns a parser of bodies as bytes. Refuses with BodyRefused if the scope has no memory for a body. */
export function heldBodies(app: FastifyInstance, limits: BodyLimits): BodyParser {
  const { maxBytes, maxHeldBytes, freeBytes } = limits;
  const tooLarge = (): BodyRefused =>
    new BodyRefused(413, limits.tooLarge ?? `the body is larger than ${maxBytes} bytes; send less at once`);
  let held = 0;
  // A request closes after its body was read. But its body is held until the answer was sent, or cannot be sent any
  // more.
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
    /** Returns the reason why a received piece is refused. */
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
 * Reads a body as long as `take` accepts its pieces. A refused body is neither read to its end nor destroyed, because a
 * destroyed request has no connection for the answer.
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
      // Each request emits "close". This is an error only if the body is not complete.
      if (!isSettled) settle(new BodyRefused(503, "the client has gone"));
    });
}

/** Memory that is charged for a request's body. */
interface Charge {
  /** Number of bytes that are held. */
  held: number;
  /** True if the answer was sent or will never be sent. The memory is released then. */
  isOver: boolean;
}

/** Error that a request's body was refused, because it is too large (413) or no memory is left for it (503). */
export class BodyRefused extends Error {
  override readonly name = "BodyRefused";
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}
