import { homePath } from "../api/root-path.ts";
import { whenLoaded } from "../shell/when-loaded.tsx";

const AccountButton = whenLoaded(() => import("../dashboards/account/AccountButton.tsx"), null);

/** The user's account, on the pages of the dashboards and of all programs within them. */
export function Account() {
  if (homePath === undefined) return null;
  return <AccountButton />;
}
