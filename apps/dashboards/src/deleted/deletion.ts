import type { FastifyRequest } from "fastify";
import { accountIdOf } from "../auth/identity.ts";

/** The author and the time of a deletion of an object. */
export interface Deletion {
  /** Unix ms. */
  readonly at: number;
  readonly by: string;
  /** Id of the account that deleted the object; 0 for an anonymous account. */
  readonly byId: number;
}

/** Returns the record of a deletion by the sender of a request. */
export const deletionBy = (request: FastifyRequest, nowMs: number): Deletion => ({
  at: nowMs,
  by: request.principal.name,
  byId: accountIdOf(request),
});
