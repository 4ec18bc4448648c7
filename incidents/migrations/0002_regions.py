"""A starting list of the codes by which data centres are called, after their airports."""

from __future__ import annotations

from django.db import migrations

REGIONS = {
    "AMS": "Amsterdam, Netherlands",
    "ARN": "Stockholm, Sweden",
    "ATL": "Atlanta, Georgia",
    "BKK": "Bangkok, Thailand",
    "BLR": "Bengaluru, India",
    "BOG": "Bogotá, Colombia",
    "BOM": "Mumbai, India",
    "BOS": "Boston, Massachusetts",
    "BRU": "Brussels, Belgium",
    "CDG": "Paris, France",
    "CGK": "Jakarta, Indonesia",
    "CLT": "Charlotte, North Carolina",
    "CMH": "Columbus, Ohio",
    "CPH": "Copenhagen, Denmark",
    "CPT": "Cape Town, South Africa",
    "DEL": "Delhi, India",
    "DEN": "Denver, Colorado",
    "DFW": "Dallas, Texas",
    "DUB": "Dublin, Ireland",
    "DUS": "Düsseldorf, Germany",
    "DXB": "Dubai, United Arab Emirates",
    "EWR": "Secaucus, New Jersey",
    "EZE": "Buenos Aires, Argentina",
    "FRA": "Frankfurt, Germany",
    "GDL": "Guadalajara, Mexico",
    "GIG": "Rio de Janeiro, Brazil",
    "GRU": "São Paulo, Brazil",
    "HEL": "Helsinki, Finland",
    "HKG": "Hong Kong",
    "IAD": "Ashburn, Virginia",
    "ICN": "Seoul, South Korea",
    "IST": "Istanbul, Türkiye",
    "JNB": "Johannesburg, South Africa",
    "KIX": "Osaka, Japan",
    "KUL": "Kuala Lumpur, Malaysia",
    "LAS": "Las Vegas, Nevada",
    "LAX": "Los Angeles, California",
    "LHR": "London, United Kingdom",
    "LIS": "Lisbon, Portugal",
    "LOS": "Lagos, Nigeria",
    "MAD": "Madrid, Spain",
    "MAN": "Manchester, United Kingdom",
    "MEL": "Melbourne, Australia",
    "MIA": "Miami, Florida",
    "MRS": "Marseille, France",
    "MUC": "Munich, Germany",
    "MXP": "Milan, Italy",
    "NBO": "Nairobi, Kenya",
    "NRT": "Tokyo, Japan",
    "ORD": "Chicago, Illinois",
    "OSL": "Oslo, Norway",
    "OTP": "Bucharest, Romania",
    "PDX": "Portland, Oregon",
    "PER": "Perth, Australia",
    "PHX": "Phoenix, Arizona",
    "PRG": "Prague, Czechia",
    "QRO": "Querétaro, Mexico",
    "SCL": "Santiago, Chile",
    "SEA": "Seattle, Washington",
    "SIN": "Singapore",
    "SJC": "San José, California",
    "SLC": "Salt Lake City, Utah",
    "SOF": "Sofia, Bulgaria",
    "SYD": "Sydney, Australia",
    "TLV": "Tel Aviv, Israel",
    "TPE": "Taipei, Taiwan",
    "VIE": "Vienna, Austria",
    "WAW": "Warsaw, Poland",
    "YUL": "Montréal, Canada",
    "YVR": "Vancouver, Canada",
    "YYZ": "Toronto, Canada",
    "ZRH": "Zürich, Switzerland",
}


def add_regions(apps, schema_editor):
    region = apps.get_model("incidents", "Region")
    region.objects.bulk_create(
        [region(code=code, place=place) for code, place in REGIONS.items()], ignore_conflicts=True
    )


class Migration(migrations.Migration):
    dependencies = [("incidents", "0001_initial")]

    # Reversing it leaves them: an incident may name one by now.
    operations = [migrations.RunPython(add_regions, migrations.RunPython.noop)]
