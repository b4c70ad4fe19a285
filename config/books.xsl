<?xml version="1.0" encoding="UTF-8"?>
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="text"/>
  <xsl:param name="currency"/>
  <xsl:template match="/book">
    <xsl:value-of select="concat(title, ': ', price)"/>
    <xsl:if test="price/@currency != $currency">
      <xsl:value-of select="concat(' ', price/@currency)"/>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
