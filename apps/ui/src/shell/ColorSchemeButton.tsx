import { ActionIcon, Tooltip, useMantineColorScheme } from "@mantine/core";
import type { MantineColorScheme } from "@mantine/core";
import { IconCircleHalf2, IconMoon, IconSun } from "@tabler/icons-react";

const next: Readonly<Record<MantineColorScheme, MantineColorScheme>> = { light: "dark", dark: "auto", auto: "light" };
const icons = { light: IconSun, dark: IconMoon, auto: IconCircleHalf2 };

/** A button that changes between the light, the dark and the system's colour scheme. */
export function ColorSchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = icons[colorScheme];
  const label = `Theme: ${colorScheme}. Switch to ${next[colorScheme]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(next[colorScheme])}
      >
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
