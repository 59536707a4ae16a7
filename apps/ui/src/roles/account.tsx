import { lazy, Suspense } from "react";
import { homePath } from "../api/root-path.ts";

const AccountButton = lazy(() => import("../dashboards/account/AccountButton.tsx"));

/** The user's account, on the pages of the dashboards and of all programs within them. */
export function Account() {
  if (homePath === undefined) return null;
  return (
    <Suspense fallback={null}>
      <AccountButton />
    </Suspense>
  );
}
