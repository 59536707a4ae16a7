import { Select } from "@mantine/core";
import type { SearchHit } from "../../page/dashboard-api.ts";
import { useDashboards } from "../../list/use-dashboards.ts";

/** Folders that are offered at once; typing finds the others. */
const MOST_OFFERED = 100;
const ROOT = "";
const none: readonly SearchHit[] = [];

/** Which folder a dashboard or another folder lies in. */
export function FolderSelect({
  label = "Folder",
  value,
  onChange,
  without,
}: {
  label?: string;
  /** Empty: not in a folder. */
  value: string;
  onChange: (uid: string) => void;
  /** A folder that is not offered. */
  without?: string;
}) {
  const { data: hits = none } = useDashboards("");
  const folders = hits.filter(({ type, uid }) => type === "dash-folder" && uid !== without);
  const known = folders.map(({ uid, title, folderTitle }) => ({
    value: uid,
    label: folderTitle === undefined || folderTitle === "" ? title : `${folderTitle} / ${title}`,
  }));
  const isKnown = value === ROOT || known.some((one) => one.value === value);
  return (
    <Select
      label={label}
      searchable
      limit={MOST_OFFERED}
      allowDeselect={false}
      nothingFoundMessage="No folder of this name"
      data={[{ value: ROOT, label: "Dashboards" }, ...known, ...(isKnown ? [] : [{ value, label: value }])]}
      value={value}
      onChange={(uid) => onChange(uid ?? ROOT)}
    />
  );
}
