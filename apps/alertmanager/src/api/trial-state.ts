import { type Dispatcher, HandlerError } from "@narthex/alerting";
import type { ReceiverConfig, Renderer, SenderTools } from "@narthex/receivers";

/** Part of the current configuration for tests of receivers and templates. */
export interface TrialState {
  /** Includes receivers that no route uses. */
  readonly receivers: readonly ReceiverConfig[];
  readonly renderer: Renderer;
  readonly dispatcher: Dispatcher;
  readonly tools: SenderTools;
  readonly externalUrl: string;
}

/** Returns the receiver of that name. Throws HandlerError. */
export function receiverNamed({ receivers }: TrialState, name: string): ReceiverConfig {
  const found = receivers.find((receiver) => receiver.name === name);
  if (found === undefined) throw new HandlerError(404, `no receiver ${JSON.stringify(name)} in the configuration`);
  return found;
}
