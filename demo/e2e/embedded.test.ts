import { journey } from "./journey.ts";

journey("embedded");
