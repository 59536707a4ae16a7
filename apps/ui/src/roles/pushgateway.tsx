import { IconUpload } from "@tabler/icons-react";
import { whenLoaded } from "../shell/when-loaded.tsx";
import type { Role } from "../shell/role.ts";
import { Account } from "./account.tsx";

const PushgatewayPage = whenLoaded(() => import("../pushgateway/PushgatewayPage.tsx"));

/** The page of the Pushgateway. Each of its two tabs has a path. */
export const pushgatewayRole: Role = {
  name: "Pushgateway",
  start: "/",
  pages: [
    { path: "/", Page: PushgatewayPage },
    { path: "/status", Page: PushgatewayPage },
  ],
  links: [],
  menu: [],
  shared: {
    links: [],
    menu: [{ name: "Pushgateway", links: [{ path: "/", name: "Pushed groups", icon: IconUpload }] }],
  },
  Tools: Account,
  waitsUntilReady: false,
};
