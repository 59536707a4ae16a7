import { useMemo } from "react";
import { Palette } from "../../shell/palette/Palette.tsx";
import type { RolePaletteProps } from "../../shell/role.ts";
import { paletteProviders } from "./registry.ts";

/** The palette with all that the pages of a role can find. */
export default function RolePalette({ role, neighbours, onClose }: RolePaletteProps) {
  const providers = useMemo(() => paletteProviders(role, neighbours), [role, neighbours]);
  return <Palette providers={providers} onClose={onClose} />;
}
