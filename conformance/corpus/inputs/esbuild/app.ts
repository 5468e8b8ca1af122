import { Circle, Rectangle, type Shape } from "./shapes";
import settings from "./settings.json";

enum Mode {
  Quiet,
  Loud = 10,
}

const shapes: Shape[] = [new Circle(2), new Rectangle(3, 4)];
const describe = ({ name, area }: Shape, mode: Mode = Mode.Loud): string =>
  mode === Mode.Loud ? `${name.toUpperCase()}: ${area?.call(null) ?? 0}` : name;

for (const shape of shapes) console.log(describe(shape, settings.loud ? Mode.Loud : Mode.Quiet));
