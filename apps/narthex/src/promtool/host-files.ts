import { resolve } from "node:path";
import { type ConfigFiles, diskFiles } from "@narthex/config";
import type { Host } from "@narthex/runtime";

/** Returns access to files relative to the host's working directory. Messages show paths as the user wrote them. */
export const hostFiles = ({ cwd }: Host): ConfigFiles => ({
  read: async (path) => {
    try {
      return await diskFiles.read(resolve(cwd, path));
    } catch (error) {
      if (error instanceof Error) error.message = error.message.replace(resolve(cwd, path), path);
      throw error;
    }
  },
  list: (folder) => diskFiles.list(resolve(cwd, folder)),
  exists: (path) => diskFiles.exists(resolve(cwd, path)),
});
