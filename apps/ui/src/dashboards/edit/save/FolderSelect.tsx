import { Select } from "@mantine/core";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { useDashboards } from "../../data/use-dashboards.ts";

/** Maximum number of folders in the list of suggestions. The user finds other folders by typing. */
const MAX_OFFERED = 100;
const ROOT = "";
const none: readonly SearchHit[] = [];

/** Selects the folder of a dashboard or of another folder. */
export function FolderSelect({
  label = "Folder",
  value,
  onChange,
  without,
}: {
  label?: string;
  /** Uid of the selected folder. Empty for the root. */
  value: string;
  onChange: (uid: string) => void;
  /** Uid of a folder that is left out of the list. */
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
      limit={MAX_OFFERED}
      allowDeselect={false}
      nothingFoundMessage="No folder has this name"
      data={[{ value: ROOT, label: "Dashboards" }, ...known, ...(isKnown ? [] : [{ value, label: value }])]}
      value={value}
      onChange={(uid) => onChange(uid ?? ROOT)}
    />
  );
}
