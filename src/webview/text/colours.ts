/**
 * The nearest of the theme's sixteen terminal colours, because a page that knows only the theme's colours stays
 * readable in every theme.
 */
export function colourOfRgb(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 32) return grey(most);
  const middle = (most + least) / 2;
  const colour = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return most > 191 ? colour + 8 : colour;
}

/** The nearest of sixteen for a number of xterm's palette of 256. */
export function colourOf256(index: number): number | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index > 231) return grey(8 + (index - 232) * 10);
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  const cube = index - 16;
  return colourOfRgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function grey(light: number): number {
  if (light < 64) return 0;
  if (light < 144) return 8;
  return light < 224 ? 7 : 15;
}
