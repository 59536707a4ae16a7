import { stripTypeScriptTypes } from "node:module";
import { PluginError } from "./plugin-error.ts";

/**
 * Returns a module in TypeScript as JavaScript. Types become spaces, so that errors name the right line. Throws
 * PluginError for syntax that is more than types.
 * @param place path of the file in messages
 */
export function stripTypes(code: string, place: string): string {
  try {
    return stripTypeScriptTypes(code);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PluginError(
      `${place}: the types cannot be removed: ${error.message}; write no enum, namespace or parameter property`,
      { cause: error },
    );
  }
}
