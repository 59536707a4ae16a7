import { ApiError, type DisabledAccess } from "@narthex/http";

interface Switches {
  readonly "web.enable-lifecycle": boolean;
  readonly "web.enable-admin-api": boolean;
}

/** Returns the error responses for groups of routes that flags disable. */
export const disabledAccess = (flags: Switches): DisabledAccess => ({
  lifecycle: flags["web.enable-lifecycle"]
    ? undefined
    : (reply) =>
        reply.code(403).header("content-type", "text/plain; charset=utf-8").send("Lifecycle API is not enabled."),
  admin: flags["web.enable-admin-api"]
    ? undefined
    : () => {
        throw new ApiError("unavailable", "admin APIs disabled");
      },
});
