export { installPlugin } from "./archive/install-plugin.ts";
export { MAX_PACKED_BYTES } from "./archive/archive-limits.ts";
export { type PackedPlugin, packPlugin, sha256Of } from "./archive/pack-plugin.ts";
export { type UnpackedPlugin, unpackPlugin } from "./archive/unpack-plugin.ts";
export { CONTRACT_TEXT } from "./contract/contract-text.ts";
export { reaches, SOURCE_URL } from "./hosts.ts";
export { idProblem, MANIFEST_FILE, PLUGIN_CONTRACT, type PluginManifest, readManifest } from "./manifest.ts";
export {
  filesMark,
  type Plugin,
  type PluginFolder,
  pluginMark,
  readPlugin,
  readPluginFolder,
} from "./plugin-folder.ts";
export { PluginError } from "./plugin-error.ts";
export { type PluginCall, PluginThread } from "./sandbox/plugin-thread.ts";
