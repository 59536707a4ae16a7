/** Thrown if a plugin cannot be read, packed or installed. The message names the place and the remedy. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}
