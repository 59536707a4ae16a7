import { type Dispatcher, HandlerError } from "@narthex/alerting";
import type { ReceiverConfig, Renderer, SenderTools } from "@narthex/receivers";

/** Parts of the current configuration that are needed for testing receivers and previewing templates. */
export interface TrialState {
  /** All receivers, even those without a route. */
  readonly receivers: readonly ReceiverConfig[];
  readonly renderer: Renderer;
  readonly dispatcher: Dispatcher;
  readonly tools: SenderTools;
  readonly externalUrl: string;
}

/** Returns the receiver with this name. Throws HandlerError if it does not exist. */
export function receiverNamed({ receivers }: TrialState, name: string): ReceiverConfig {
  const found = receivers.find((receiver) => receiver.name === name);
  if (found === undefined) throw new HandlerError(404, `no receiver ${JSON.stringify(name)} in the configuration`);
  return found;
}
