import { journey } from "./journey.ts";

journey("redis");
