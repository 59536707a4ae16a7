import type { Secret } from "@narthex/config";
import { readProblem } from "@narthex/http";
import { type Delivery, type FailureReason, rejected } from "./delivery.ts";
import { isTemplateFault } from "./templates/renderer.ts";
import { readSecret } from "./secret-source.ts";
import { Undelivered } from "./undelivered.ts";

/** Why a notification cannot be made; trying again is of no use. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly failure: FailureReason;

  constructor(reason: string, failure: FailureReason = "other") {
    super(reason);
    this.failure = failure;
  }
}

/** One attempt: a template's fault and a Refusal end the delivery for good, Undelivered says how. `what` stands before the template's words. */
export async function attempt(what: string, send: () => Promise<Delivery>): Promise<Delivery> {
  try {
    return await send();
  } catch (error) {
    if (isTemplateFault(error)) return rejected(`${what}${error.message}`);
    if (error instanceof Undelivered) return error.delivery;
    if (error instanceof Refusal) return rejected(error.message, error.failure);
    throw error;
  }
}

/** The secret as readSecret() gives it. Throws Refusal with `what` before the reason where its file cannot be read. */
export async function secretFrom(inline: Secret | undefined, file: string, what: string): Promise<string> {
  try {
    return await readSecret(inline, file);
  } catch (error) {
    throw new Refusal(`${what}: ${readProblem(file, error)}`);
  }
}
