/** Whom the demo's provider sells to: forty cable operators of Dhaka, all of them made up, and what each buys and uses. Pure. */

export interface SimulatedReseller {
  /** Behind the letter of its id, and the last part of its address. */
  readonly number: number;
  readonly name: string;
  /** Mb/s that it has bought, to it and from it. */
  readonly downMbps: number;
  readonly upMbps: number;
  /** Share of that which its customers receive in the busiest minute of the day. */
  readonly share: number;
}

/** Name, plan in Mb/s to and from it, percent of it that is used in the evening. */
const SOLD: readonly (readonly [string, number, number, number])[] = [
  ['Mirpur 10 Lighthouse Cable', 25, 25, 72],
  ['Mirpur 12 Kingfisher Net', 40, 40, 66],
  ['Pallabi Paper Kite Cable', 15, 15, 81],
  ['Kafrul Monsoon Link', 20, 20, 58],
  ['Kallyanpur Jackfruit Net', 10, 10, 88],
  ['Shyamoli Water Lily Cable', 30, 15, 63],
  ['Mohammadpur Rickshaw Bell Net', 60, 30, 70],
  ['Dhanmondi 27 Banyan Broadband', 100, 50, 61],
  ['Dhanmondi 4A Night Heron Net', 50, 50, 55],
  ['Hazaribagh Copper Kettle Cable', 10, 10, 79],
  ['Lalbagh Red Lantern Net', 15, 15, 85],
  ['Azimpur Mango Grove Cable', 20, 10, 67],
  ['Shahbagh Ink and Paper Net', 25, 25, 52],
  ['Farmgate Green Umbrella Link', 30, 30, 60],
  ['Tejgaon Brick Kiln Broadband', 150, 75, 57],
  ['Mohakhali Wet Slate Net', 40, 20, 64],
  ['Banani 11 Blue Door Broadband', 60, 60, 59],
  ['Gulshan 1 Glass Marble Net', 300, 150, 62],
  ['Gulshan 2 Heron Pond Link', 100, 100, 54],
  ['Niketan Garden Wall Net', 20, 20, 73],
  ['Badda Ferry Ghat Cable', 15, 15, 90],
  ['Rampura Under the Bridge Net', 25, 10, 77],
  ['Banasree Seven Steps Cable', 20, 20, 69],
  ['Aftabnagar Open Field Net', 30, 30, 56],
  ['Khilgaon Corner Shop Cable', 15, 15, 74],
  ['Malibagh Crossing Bell Net', 20, 20, 65],
  ['Mouchak Second Floor Cable', 10, 10, 83],
  ['Shantinagar Tea Glass Net', 15, 10, 68],
  ['Motijheel Paper Clip Broadband', 50, 50, 51],
  ['Kamalapur Platform Nine Net', 25, 25, 62],
  ['Mugda Wooden Stand Cable', 10, 10, 76],
  ['Basabo Lotus Pond Net', 20, 20, 71],
  ['Jatrabari Fish Scale Cable', 25, 25, 86],
  ['Wari Old Press Net', 15, 15, 60],
  ['Sutrapur River Steps Cable', 10, 10, 92],
  ['Gendaria Oil Lamp Net', 10, 10, 70],
  ['Uttara 4 Tall Grass Net', 40, 40, 58],
  ['Uttara 11 Footbridge Link', 30, 30, 66],
  ['Khilkhet Windsock Cable', 20, 20, 75],
  ['Nikunja 2 Roof Antenna Net', 20, 20, 64],
];

/** Numbers begin again behind the last of them: routers have customers who are no reseller's. */
export function resellerNumbered(number: number): SimulatedReseller {
  const [name, downMbps, upMbps, percent] = SOLD[(number - 1) % SOLD.length] ?? ['', 0, 0, 0];
  return { number, name, downMbps, upMbps, share: percent / 100 };
}

export const RESELLERS = SOLD.length;
