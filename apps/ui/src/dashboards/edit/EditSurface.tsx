import { EditGrid } from "./grid/EditGrid.tsx";

/** What stands in the place of a dashboard's panels while it is edited. */
export default function EditSurface() {
  return <EditGrid />;
}
