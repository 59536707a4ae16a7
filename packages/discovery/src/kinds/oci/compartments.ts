import { errorText } from "@narthex/runtime";
import { concernsAllItems } from "../../answers/answer-error.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import type { OciApi } from "./oci-api.ts";

/**
 * Returns the IDs of a compartment and of all active compartments in it, the nearest first. Compartments that cannot be
 * listed are logged, and what they contain is missing.
 */
export async function compartmentsIn(root: string, api: OciApi, context: DiscoveryContext): Promise<readonly string[]> {
  const found = new Set([root]);
  // The loop also visits the IDs that it adds.
  for (const parent of found) {
    try {
      for (const compartment of await api.compartments(parent)) {
        if (compartment.text("lifecycleState") !== "ACTIVE") continue;
        const id = compartment.text("id");
        if (id !== "") found.add(id);
      }
    } catch (error) {
      if (concernsAllItems(error)) throw error;
      context.logger.warn("Skipping the compartments in a compartment of Oracle Cloud: they could not be listed", {
        compartment_id: parent,
        err: errorText(error),
      });
    }
  }
  return [...found];
}
