export interface Shape {
  readonly name: string;
  area(): number;
}

export class Circle implements Shape {
  readonly name = "circle";
  constructor(private readonly radius: number) {}
  area(): number {
    return Math.PI * this.radius ** 2;
  }
}

export class Rectangle implements Shape {
  readonly name = "rectangle";
  constructor(private readonly width: number, private readonly height: number) {}
  area(): number {
    return this.width * this.height;
  }
}

export const unused = (): never => {
  throw new Error("tree shaking removes this");
};
