import type { Frame } from "@narthex/dashboards";

/** Functions of a source's module that the role calls. */
export type PluginFunction = "query" | "health" | "variableValues" | "annotations" | "resource";

/** Data that the thread of a plugin gets at its start. */
export interface ThreadSettings {
  /** File of the engine's WebAssembly module. */
  readonly engine: string;
  /** Name of the plugin's module in errors. */
  readonly file: string;
  readonly code: string;
}

/** A message to the thread of a plugin. */
export type ToThread =
  | {
      readonly kind: "call";
      readonly id: number;
      readonly name: PluginFunction;
      /** Arguments as JSON, without the context. */
      readonly args: string;
      /** Settings of the source as JSON. */
      readonly settings: string;
    }
  | { readonly kind: "response"; readonly id: number; readonly request: number; readonly text: string }
  | { readonly kind: "refusal"; readonly id: number; readonly request: number; readonly message: string }
  | { readonly kind: "cancel"; readonly id: number };

/** A message from the thread of a plugin. */
export type FromThread =
  | { readonly kind: "request"; readonly id: number; readonly request: number; readonly text: string }
  | { readonly kind: "log"; readonly id: number; readonly text: string }
  | { readonly kind: "frames"; readonly id: number; readonly frames: readonly Frame[] }
  | { readonly kind: "value"; readonly id: number; readonly value: unknown }
  | { readonly kind: "failure"; readonly id: number; readonly message: string }
  | { readonly kind: "cancelled"; readonly id: number };
