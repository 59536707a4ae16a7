import type { Delivery } from "./delivery.ts";

type Failed = Exclude<Delivery, { kind: "sent" }>;

/** How a delivery ended, thrown from amid the steps that lead to it; attempt() gives it back. */
export class Undelivered extends Error {
  override readonly name = "Undelivered";
  readonly delivery: Failed;

  /** @param what goes before the reason */
  constructor(delivery: Failed, what = "") {
    super(delivery.reason);
    this.delivery = what === "" ? delivery : { ...delivery, reason: `${what}: ${delivery.reason}` };
  }
}
