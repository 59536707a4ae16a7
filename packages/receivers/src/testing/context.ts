import type { Notification, NotificationContext } from "@narthex/notification";
import { NOTIFICATION } from "./open-receiver.ts";

/** Bytes of the picture in CONTEXT. */
export const PICTURE = Uint8Array.from({ length: 2048 }, (_, i) => i % 251);

/** A context with two lines and a picture of 2,048 bytes. */
export const CONTEXT: NotificationContext = {
  lines: ["Recent deployments: 11:50 api <2.3> & web_1", "A b has fired 3 times"],
  picture: {
    title: "A b: errors > 5",
    width: 720,
    height: 340,
    png: async (maxBytes) => (maxBytes < PICTURE.length ? undefined : PICTURE),
  },
};

export const WITH_CONTEXT: Notification = { ...NOTIFICATION, context: CONTEXT };
