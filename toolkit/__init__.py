"""xlreport: from filled 自评表 workbooks to the district's 汇总表 and reports."""

__version__ = "0.1.0"
