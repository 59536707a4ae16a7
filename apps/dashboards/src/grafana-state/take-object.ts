import type { Context } from "../context.ts";
import { Refusal } from "../web/refusal.ts";

/** Imports one object. If the change is refused, logs the reason and returns false, so that the import continues. */
export async function taken(
  { logger }: Pick<Context, "logger">,
  kind: string,
  name: string,
  change: () => Promise<unknown>,
): Promise<boolean> {
  try {
    await change();
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    logger.warn("An object of Grafana was not imported", { kind, name, reason: error.message });
    return false;
  }
}
