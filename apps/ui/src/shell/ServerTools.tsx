import { NotificationBell } from "./NotificationBell.tsx";
import { SettingsMenu } from "./SettingsMenu.tsx";

/** The controls in the header of the server's pages. Dashboards do not have them, so they do not load this code. */
export default function ServerTools() {
  return (
    <>
      <NotificationBell />
      <SettingsMenu />
    </>
  );
}
